"""Reports of operations as views: which cells, columns, notes and next steps each one has."""
