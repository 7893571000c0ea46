import { Controller, Delete, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { MAX_GRANTS_BYTES } from '../../contracts/grants.js';
import { DEFAULT_SCOPES, DEFAULT_SCOPES_WITH_GRANTS } from '../../contracts/scopes.js';
import type {
  CreateKeyResponse,
  KeyResource,
  ListKeysResponse,
  RotateKeyResponse,
} from '../../contracts/key-management.js';
import { ROUTE_KEYS } from '../../contracts/routes.js';
import { CurrentActor } from '../admin-auth/current-actor.decorator.js';
import type { Actor } from '../audit/audit-writer.js';
import { JsonBody, QueryFields } from '../request-fields/json-body.decorator.js';
import { KeyId } from '../request-fields/key-id.decorator.js';
import { expiryOf } from './key-expiry.js';
import type { KeySpec } from './key-issuer.js';
import { toResource } from './key-resource.js';
import {
  CreateKeyFields,
  DEFAULT_PAGE,
  ListKeysFields,
  RotateKeyFields,
  UpdateKeyFields,
} from './keys.fields.js';
import { KeysService } from './keys.service.js';
import { RotationService } from './rotation.service.js';

/** Grants of the largest size, and as much again for how they are written and what stands beside them. */
const WITH_GRANTS = { limitBytes: 2 * MAX_GRANTS_BYTES };

/** `/api/v1/keys`, with an admin token. */
@Controller(ROUTE_KEYS)
export class KeysController {
  constructor(
    private readonly keys: KeysService,
    private readonly rotations: RotationService,
  ) {}

  @Post()
  async create(
    @CurrentActor() actor: Actor,
    @JsonBody(CreateKeyFields, WITH_GRANTS) fields: CreateKeyFields,
  ): Promise<CreateKeyResponse> {
    const now = this.keys.now();
    const { record, apiKey } = await this.keys.create(actor, specOf(fields, Date.parse(now)));
    return { api_key: apiKey, ...toResource(record, now) };
  }

  @Get()
  async list(@QueryFields(ListKeysFields) query: ListKeysFields): Promise<ListKeysResponse> {
    const { records, nextCursor } = await this.keys.list(
      {
        serviceId: query.service_id,
        userId: query.user_id,
        environment: query.environment,
        keyPrefix: query.key_prefix,
        usable: query.is_active === undefined ? undefined : query.is_active === 'true',
      },
      { limit: Number(query.limit ?? DEFAULT_PAGE), cursor: query.cursor },
    );
    const now = this.keys.now();
    return { keys: records.map((record) => toResource(record, now)), next_cursor: nextCursor ?? null };
  }

  @Get(':id')
  async get(@KeyId() id: string): Promise<KeyResource> {
    return toResource(await this.keys.get(id), this.keys.now());
  }

  @Patch(':id')
  async update(
    @CurrentActor() actor: Actor,
    @KeyId() id: string,
    @JsonBody(UpdateKeyFields, WITH_GRANTS) fields: UpdateKeyFields,
  ): Promise<KeyResource> {
    const record = await this.keys.update(actor, id, {
      ...(fields.name !== undefined && { name: fields.name }),
      ...(fields.scopes !== undefined && { scopes: fields.scopes }),
      ...(fields.rate_limit_per_hour !== undefined && { ratePerHour: fields.rate_limit_per_hour }),
      ...(fields.burst !== undefined && { burst: fields.burst }),
      ...(fields.searches_per_minute !== undefined && { searchesPerMinute: fields.searches_per_minute }),
      ...(fields.writes_per_minute !== undefined && { writesPerMinute: fields.writes_per_minute }),
      ...(fields.allowed_ips !== undefined && { allowedIps: fields.allowed_ips }),
      ...(fields.grants !== undefined && { grants: fields.grants }),
    });
    return toResource(record, this.keys.now());
  }

  /** Revocation is for good, and may be asked for twice. */
  @Delete(':id')
  @HttpCode(204)
  async revoke(@CurrentActor() actor: Actor, @KeyId() id: string): Promise<void> {
    await this.keys.revoke(actor, id);
  }

  @Post(':id/rotate')
  async rotate(
    @CurrentActor() actor: Actor,
    @KeyId() id: string,
    @JsonBody(RotateKeyFields) fields: RotateKeyFields,
  ): Promise<RotateKeyResponse> {
    const rotation = await this.rotations.rotate(actor, id, fields.overlap_seconds);
    return {
      key_id: rotation.successor.id,
      api_key: rotation.apiKey,
      old_key_id: id,
      old_key_expires_at: rotation.oldKeyExpiresAt,
    };
  }
}

/** The design's defaults: production, all scopes, no expiry. */
function specOf(fields: CreateKeyFields, nowMs: number): KeySpec {
  return {
    name: fields.name,
    serviceId: fields.service_id,
    userId: fields.user_id ?? null,
    environment: fields.environment ?? 'production',
    scopes: fields.scopes ?? [
      ...((fields.grants ?? null) === null ? DEFAULT_SCOPES : DEFAULT_SCOPES_WITH_GRANTS),
    ],
    expiresAt: expiryOf(fields, nowMs),
    ratePerHour: fields.rate_limit_per_hour ?? null,
    burst: fields.burst ?? null,
    searchesPerMinute: fields.searches_per_minute ?? null,
    writesPerMinute: fields.writes_per_minute ?? null,
    allowedIps: fields.allowed_ips ?? null,
    grants: fields.grants ?? null,
  };
}
