/** A self-signed certificate for `localhost` and 127.0.0.1, for tests alone; good for a hundred years. */
export const testTls = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgrWICt2wco/5vku5q
nP/zx/IzY+KwoKK+n4QB8SUrzNehRANCAAQhmwdgTW0FdI1ijWe5m3sctdes/8xW
+sLMBOG/b8AldX+lCHoildQu7ggNNI2RptmGlbeGXySpHKB+QOmWh2tc
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUC8XahGShnralfkvEIWlKZKtTaCIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTIxNTcwNloYDzIxMjYxMDI4
MjE1NzA2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQhmwdgTW0FdI1ijWe5m3sctdes/8xW+sLMBOG/b8AldX+lCHoildQu
7ggNNI2RptmGlbeGXySpHKB+QOmWh2tco28wbTAdBgNVHQ4EFgQUZfJ7xCtN4wtc
iYk89EtXITI66NMwHwYDVR0jBBgwFoAUZfJ7xCtN4wtciYk89EtXITI66NMwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgPiuXuJFHwZAxJq4NHGkVmyAfBnr513hg5WfbsmTaCl0CIQCe
dhvjvPW0bd5G+NGMjUqPN50CzJNcSbKy6e2HbFfGcg==
-----END CERTIFICATE-----
`,
} as const;
