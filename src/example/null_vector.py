import numpy as np

A = np.array([[1.0, 1.0], [2.0, 2.0]])
U, sigma, Vt = np.linalg.svd(A)
z = Vt[-1]  # its sign is the library's choice
print(sigma, np.linalg.matrix_rank(A))
print(z, np.linalg.norm(A @ z))

y = np.array([3.0, 6.0])
w0 = np.linalg.lstsq(A, y, rcond=None)[0]
print(w0, np.linalg.norm(A @ (w0 + 100 * z) - y))
