import { Injectable } from '@nestjs/common';
import { KeysService } from '../../keys/keys.service.js';
import { RotationPoliciesService } from '../../rotation/policies/rotation-policies.service.js';
import { ServicesService } from '../../services/services.service.js';
import type { RotationView } from './rotation.page.js';

/** New keys that are shown one by one. */
const MAX_SHOWN = 20;

/** Collects what the screen of rotation shows. */
@Injectable()
export class RotationViews {
  constructor(
    private readonly policies: RotationPoliciesService,
    private readonly services: ServicesService,
    private readonly keys: KeysService,
  ) {}

  async now(triedAgain: boolean): Promise<RotationView> {
    const [policies, { deliveries, total }, services] = await Promise.all([
      this.policies.list(),
      this.policies.deliveries(),
      this.services.list(),
    ]);
    // Failed deliveries come first, because people open this page to find them.
    const waiting = [
      ...deliveries.filter(({ last_error: error }) => error !== null),
      ...deliveries.filter(({ last_error: error }) => error === null),
    ].slice(0, MAX_SHOWN);
    const ids = [
      ...policies.flatMap(({ key_id: id }) => (id === null ? [] : [id])),
      ...waiting.map((one) => one.key_id),
    ];
    return {
      ...{ policies, waiting, total, triedAgain },
      names: await this.namesOf(new Set(ids)),
      services: services.map(({ service_id }) => service_id),
      now: this.keys.now(),
    };
  }

  private async namesOf(ids: ReadonlySet<string>): Promise<Map<string, string>> {
    const names = new Map<string, string>();
    for (const id of ids) names.set(id, (await this.keys.get(id)).name);
    return names;
  }
}
