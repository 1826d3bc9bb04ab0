"""The stand-ins: pictures that this project draws itself, the same bits everywhere."""
