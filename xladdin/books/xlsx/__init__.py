"""The lossless file format: parts of a package, read and patched in place."""
