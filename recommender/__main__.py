"""`python -m recommender` is `kgrec`."""

from recommender.cli import main

if __name__ == "__main__":
    main()
