import numpy as np

A = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])
b = np.array([5.0, 11.0, 20.0])
w0 = np.linalg.lstsq(A, b, rcond=None)[0]
b_hat = A @ w0
r = b - b_hat
print(w0, b_hat, r)
print(np.linalg.matrix_rank(A), r @ r, r @ r / (b @ b))
print(A.T @ r)  # rounding: r is orthogonal to every column

U = np.linalg.svd(A)[0]  # 3 x 3: columns 1 and 2 span the left null space
print(np.linalg.norm(U[:, 1:].T @ b))  # ||r|| again
