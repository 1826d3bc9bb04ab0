"""Programs as text: read, never run."""
