"""Jobs on a workbook file: from opening it to what lands, where, and what would."""
