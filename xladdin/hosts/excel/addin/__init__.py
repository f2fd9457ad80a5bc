"""The add-in's file, `PerpDesk.xlam`, made of text: VBA modules, ribbon, and wrappers of the catalogue."""
