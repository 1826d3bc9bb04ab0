"""The class as one HTML page."""
