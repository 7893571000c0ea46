import { ServerConfig } from '../../platform/config/server.config.js';

/** The key service's listening, logging and stopping. */
export class KeyServiceServerConfig extends ServerConfig {
  override port = 8000;
}
