import type { RequestTarget } from '../../lib/request-target.js';

/**
 * Whether the gateway and MLflow could see two routes in one path. FastAPI does not collapse slashes, and its routes of
 * MCP servers have names that may hold some: `mcp-servers//versions/1` is one route before collapsing and another after.
 */
export function isAmbiguous(target: RequestTarget): boolean {
  return target.path.includes('/mcp-servers') && decodeURIComponent(target.rawPath).includes('//');
}
