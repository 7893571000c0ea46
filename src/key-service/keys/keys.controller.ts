import { Controller, Delete, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { MAX_GRANTS_BYTES } from '../../contracts/access/grants.js';
import type {
  CreateKeyResponse,
  KeyFacetsResponse,
  KeyResource,
  ListKeysResponse,
  RevokeKeysResponse,
  RotateKeyResponse,
} from '../../contracts/keys/key-management.js';
import type { GatewayLimitsResponse } from '../../contracts/admin/gateway-state.js';
import { ROUTE_KEYS } from '../../contracts/http/routes.js';
import { CurrentActor } from '../admin-auth/current-actor.decorator.js';
import { GatewayLimitsReader } from '../invalidation/gateway-limits.js';
import type { Actor } from '../audit/audit-writer.js';
import { JsonBody, QueryFields } from '../request-fields/json-body.decorator.js';
import { KeyId } from '../request-fields/key-id.decorator.js';
import { invalidFields } from '../request-fields/parse-fields.js';
import { toResource } from './key-resource.js';
import { editOf, specOf } from './key-spec.js';
import { ListKeysFields } from './lists/key-list.fields.js';
import { KeyLists } from './lists/key-lists.js';
import { KeyRevocations } from './ends/key-revocations.js';
import {
  CreateKeyFields,
  RevokeKeyFields,
  RevokeKeysFields,
  RotateKeyFields,
  UpdateKeyFields,
} from './keys.fields.js';
import { KeysService } from './keys.service.js';
import { RotationService } from './rotation.service.js';

/** Grants of the largest size, and as much again for how they are written and what stands beside them. */
const WITH_GRANTS = { limitBytes: 2 * MAX_GRANTS_BYTES };

/** `MAX_REVOKED_KEYS` ids. */
const WITH_IDS = { limitBytes: 32 * 1024 };

/** `/api/v1/keys`, with an admin token. */
@Controller(ROUTE_KEYS)
export class KeysController {
  constructor(
    private readonly keys: KeysService,
    private readonly lists: KeyLists,
    private readonly revocations: KeyRevocations,
    private readonly rotations: RotationService,
    private readonly gatewayLimits: GatewayLimitsReader,
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
    const { records, total, nextCursor } = await this.lists.page(query);
    const now = this.keys.now();
    return { keys: records.map((record) => toResource(record, now)), total, next_cursor: nextCursor ?? null };
  }

  @Get('facets')
  facets(): Promise<KeyFacetsResponse> {
    return this.lists.facets();
  }

  @Get(':id')
  async get(@KeyId() id: string): Promise<KeyResource> {
    return toResource(await this.keys.get(id), this.keys.now());
  }

  /** As its gateways count them now. */
  @Get(':id/limits')
  async limits(@KeyId() id: string): Promise<GatewayLimitsResponse> {
    await this.keys.get(id);
    return this.gatewayLimits.read(id);
  }

  @Patch(':id')
  async update(
    @CurrentActor() actor: Actor,
    @KeyId() id: string,
    @JsonBody(UpdateKeyFields, WITH_GRANTS) fields: UpdateKeyFields,
  ): Promise<KeyResource> {
    const record = await this.keys.update(actor, id, editOf(fields));
    return toResource(record, this.keys.now());
  }

  /** Revocation is for good, and may be asked for twice. */
  @Delete(':id')
  @HttpCode(204)
  async revoke(
    @CurrentActor() actor: Actor,
    @KeyId() id: string,
    @QueryFields(RevokeKeyFields) { reason }: RevokeKeyFields,
  ): Promise<void> {
    await this.revocations.revoke(actor, id, reason ?? null);
  }

  /** Some keys, or all of an owner: all in one transaction, each with its entry in the audit log. */
  @Post('revoke')
  @HttpCode(200)
  async revokeSeveral(
    @CurrentActor() actor: Actor,
    @JsonBody(RevokeKeysFields, WITH_IDS) fields: RevokeKeysFields,
  ): Promise<RevokeKeysResponse> {
    const { key_ids: ids, user_id: userId, reason = null } = fields;
    if (ids !== undefined && userId === undefined)
      return this.revocations.revokeAll(
        actor,
        ids.map((id) => id.toLowerCase()),
        reason,
      );
    if (userId !== undefined && ids === undefined) return this.revocations.revokeOwned(actor, userId, reason);
    throw invalidFields([{ field: 'key_ids', message: 'or user_id must be given, and not both' }]);
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
