"""What the pages share: loading, controls, messages and downloads."""
