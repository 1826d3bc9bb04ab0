"""Sets that lie on disk: folders of pictures, tables, IDX files."""
