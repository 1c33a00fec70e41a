"""The workbook of a report on a few items: its memory does not grow with them."""

import benchmark_run


def test_memory(new_database, tmp_path):
    """Ten times the items take about the memory of a tenth of them: rows are read and
    written chunk by chunk."""
    database = new_database()
    few, many = benchmark_run.figures("export", database, tmp_path, "--items", "20000")
    assert (few["items"], many["items"]) == (2000, 20000)
    # one chunk's names and strings, whatever the number of chunks
    assert many["memory"] < few["memory"] + 12
