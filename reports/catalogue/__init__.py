"""The reports, one module each; found by themselves (`reports.report.discover`)."""
