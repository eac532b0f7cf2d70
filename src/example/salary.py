import numpy as np

years = np.array([1.0, 2.0, 3.0, 5.0, 8.0, 10.0])
months = 12 * years
bonus = np.array([0.0, 5.0, 0.0, 5.0, 0.0, 0.0])
salary = 30 + 2 * years + bonus

X = np.c_[np.ones(6), years, months]
w = np.linalg.lstsq(X, salary, rcond=None)[0]
r = salary - X @ w
print(np.linalg.matrix_rank(X), w, r @ r, r @ r / np.sum((salary - salary.mean()) ** 2))
z = np.array([0, 12, -1])  # the null direction
print(X @ z, np.linalg.norm(X @ (w + z) - X @ w))

Xb = np.c_[X, bonus]
wb = np.linalg.lstsq(Xb, salary, rcond=None)[0]
print(np.linalg.matrix_rank(Xb), wb, np.linalg.norm(salary - Xb @ wb))
