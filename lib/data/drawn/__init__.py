"""The stand-ins: pictures that this project draws, with the same bits on every machine."""
