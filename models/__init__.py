"""The science: arrays and numbers in, arrays and numbers out."""
