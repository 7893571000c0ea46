/** http-proxy-middleware on Express and nothing else. Arguments: port, upstream URL. */
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';

const [port = '0', target = ''] = process.argv.slice(2);
const app = express();
app.use('/api/mlflow', createProxyMiddleware({ target, changeOrigin: true, xfwd: true }));
app.listen(Number(port), '127.0.0.1');
