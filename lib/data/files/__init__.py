"""Data sets on disk: folders of pictures, tables, NumPy files, IDX files."""
