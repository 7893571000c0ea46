import { Controller, Get, Inject, Module, type DynamicModule } from '@nestjs/common';
import { ROUTE_OPENAPI } from '../../contracts/http/routes.js';
import { Public } from '../route-access/public.decorator.js';

const DOCUMENT = Symbol('OpenApiDocument');

/** `GET /openapi.json`. */
@Controller()
class OpenApiController {
  constructor(@Inject(DOCUMENT) private readonly document: Record<string, unknown>) {}

  @Get(ROUTE_OPENAPI)
  @Public('describes the interface and nothing of its data')
  read(): Record<string, unknown> {
    return this.document;
  }
}

/** The interface of a program, described for tools. */
@Module({ controllers: [OpenApiController] })
export class OpenApiModule {
  static with(document: Record<string, unknown>): DynamicModule {
    return { module: OpenApiModule, providers: [{ provide: DOCUMENT, useValue: document }] };
  }
}
