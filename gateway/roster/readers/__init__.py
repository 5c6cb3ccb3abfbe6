"""One module a file format; each turns bytes into a `gateway.roster.table.Table` and knows nothing of the others."""
