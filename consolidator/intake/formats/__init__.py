"""What the formats hold, each from its own records: told, bounded, unpacked, scanned."""
