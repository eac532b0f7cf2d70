"""The textbook's nearly collinear design: 50 x 4 normals and a fifth column x_1 + 1e-3 x_2.

    python configs/data/textbook_conditioning.py
"""
import pathlib
import numpy as np

X = np.random.default_rng(2).normal(size=(50, 4))
X = np.c_[X, X[:, [0]] + 1e-3 * X[:, [1]]]
np.save(pathlib.Path(__file__).with_name("textbook_conditioning.npy"), X)
