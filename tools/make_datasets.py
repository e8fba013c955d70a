"""Write the tables that ``skprivacy.datasets`` ships.

Reads the three source tables as Parquet files and writes each as a gzipped CSV file.
The same input gives the same bytes, so that the checksums in
``tests/datasets/test_loaders.py`` hold. What is changed on the way is said in the data
cards under ``skprivacy/datasets/descr``.

Usage: ``python tools/make_datasets.py FOLDER_WITH_THE_PARQUET_FILES``
"""

import gzip
import sys
from pathlib import Path

import pandas as pd

OUT = Path(__file__).resolve().parents[1] / "skprivacy" / "datasets" / "data"


def adult(folder: Path) -> pd.DataFrame:
    """UCI's question marks become missing values."""
    return pd.read_parquet(folder / "adult_raw48842.parquet").replace("?", None)


def default_credit(folder: Path) -> pd.DataFrame:
    """Columns in UCI's order, label last; whole amounts of money as integers."""
    table = pd.read_parquet(folder / "default_credit.parquet")
    for column in table.select_dtypes("float"):
        whole = table[column].astype("int64")
        if not (whole == table[column]).all():
            raise ValueError(f"{column} holds amounts that are not whole")
        table[column] = whole
    first = ["LIMIT_BAL", "SEX", "EDUCATION", "MARRIAGE", "AGE"]
    label = "default-payment-next-month"
    rest = [name for name in table.columns if name not in [*first, label]]
    return table[[*first, *rest, label]]


def rand_health(folder: Path) -> pd.DataFrame:
    """Nothing is changed."""
    return pd.read_parquet(folder / "randhie.parquet")


def write(table: pd.DataFrame, path: Path) -> None:
    """Write the same bytes for the same table: no time stamp, no file name."""
    text = table.to_csv(index=False, lineterminator="\n")
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{path.name}: {len(table):,} rows, {path.stat().st_size:,} bytes")


def main() -> None:
    """Convert the three tables of the folder named on the command line."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    OUT.mkdir(exist_ok=True)
    for make in (adult, default_credit, rand_health):
        write(make(folder), OUT / f"{make.__name__}.csv.gz")


if __name__ == "__main__":
    main()
