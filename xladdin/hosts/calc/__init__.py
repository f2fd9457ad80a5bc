"""LibreOffice Calc: formulas in cells and a menu, from an extension that is built from text, answered by a worker."""
