"""The register of filings: the bureau's own list of filed events and agreements, for a year."""
