import { ServerConfig } from '../../platform/config/server.config.js';

/** The gateway's listening, logging and stopping. */
export class GatewayServerConfig extends ServerConfig {
  override port = 8001;
}
