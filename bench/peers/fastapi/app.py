"""A key-checking MLflow proxy on FastAPI, httpx and Redis, in the way such a service is first written.

A middleware looks the key up in Redis and asks the auth service where it is not there; a fixed-window counter in
Redis limits each key; a catch-all route reads the body, sends it on with httpx and returns the whole answer.
Environment: UPSTREAM_URL, AUTH_URL, REDIS_URL; SHARED_CLIENT=1 keeps one httpx client for all requests in place
of one for each.
"""

import json
import os
import time

import httpx
import redis.asyncio as redis
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.middleware.base import BaseHTTPMiddleware

UPSTREAM_URL = os.environ["UPSTREAM_URL"]
AUTH_URL = os.environ["AUTH_URL"]
CACHE_SECONDS = 300
LIMIT_PER_HOUR = 1_000_000_000
DROPPED = {"host", "authorization", "x-api-key", "content-length", "connection", "transfer-encoding"}

cache = redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
shared = httpx.AsyncClient(timeout=30) if os.environ.get("SHARED_CLIENT") == "1" else None


class ApiKeyAuthMiddleware(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next):
        if request.url.path == "/health":
            return await call_next(request)
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            return JSONResponse({"detail": "API key required"}, status_code=401)
        facts = await self.validate(key)
        if facts is None:
            return JSONResponse({"detail": "Invalid or expired API key"}, status_code=401)
        request.state.key_id = facts["key_id"]
        return await call_next(request)

    async def validate(self, key: str):
        cached = await cache.get(f"key:validation:{key}")
        if cached:
            return json.loads(cached)
        async with httpx.AsyncClient() as client:
            answer = await client.post(
                f"{AUTH_URL}/api/v1/keys/validate",
                headers={"Authorization": f"Bearer {key}"},
                json={"service_id": "ml-platform"},
            )
        if answer.status_code != 200:
            return None
        await cache.setex(f"key:validation:{key}", CACHE_SECONDS, answer.text)
        return answer.json()


class RateLimitMiddleware(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next):
        key_id = getattr(request.state, "key_id", None)
        if key_id is not None:
            name = f"ratelimit:{key_id}:{int(time.time()) // 3600}"
            count = await cache.incr(name)
            if count == 1:
                await cache.expire(name, 3600)
            if count > LIMIT_PER_HOUR:
                return JSONResponse({"detail": "Rate limit exceeded"}, status_code=429)
        return await call_next(request)


app = FastAPI()
# The one added last runs first.
app.add_middleware(RateLimitMiddleware)
app.add_middleware(ApiKeyAuthMiddleware)


@app.get("/health")
async def health():
    return {"status": "healthy"}


async def send(client: httpx.AsyncClient, request: Request, path: str) -> httpx.Response:
    return await client.request(
        request.method,
        f"{UPSTREAM_URL}/{path}",
        params=request.query_params,
        headers={k: v for k, v in request.headers.items() if k.lower() not in DROPPED},
        content=await request.body(),
    )


@app.api_route("/api/mlflow/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
async def proxy(path: str, request: Request):
    if shared is not None:
        answer = await send(shared, request, path)
    else:
        async with httpx.AsyncClient(timeout=30) as client:
            answer = await send(client, request, path)
    headers = {k: v for k, v in answer.headers.items() if k.lower() not in DROPPED | {"content-encoding"}}
    return Response(answer.content, answer.status_code, headers)
