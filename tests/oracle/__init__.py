"""The third computation: a plain, slow batch over events, written from the contract alone."""
