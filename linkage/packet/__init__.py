"""The council packet: one PDF, one workbook, pictures and a crosswalk, from the numbers of a frozen release alone."""
