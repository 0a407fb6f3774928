"""What is to be said of a face beside where it is and whose: quality, liveness, attributes."""
