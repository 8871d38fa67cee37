"""The sender's own list given back as a workbook, with the id of each place and what is wrong with each row."""
