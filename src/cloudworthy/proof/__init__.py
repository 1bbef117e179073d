"""Evidence about a system: what static checks and runs of it show."""
