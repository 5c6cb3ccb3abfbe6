"""Back: what carriers, people and machines ask of us over HTTP."""
