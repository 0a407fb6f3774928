"""How faces stand: head poses, from points or by networks."""
