"""Where PDFs are kept: an S3-compatible bucket or a folder, and the folder where they wait."""
