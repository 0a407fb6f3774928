"""What every room needs: files, CPUs. Knows no faces."""
