import { Controller, Get, Module } from '@nestjs/common';
import { ROUTE_OPENAPI } from '../../contracts/routes.js';
import { Public } from '../../platform/route-access/public.decorator.js';
import { openApiDocument } from './openapi.document.js';

/** `GET /openapi.json`. */
@Controller()
export class OpenApiController {
  private readonly document = openApiDocument();

  @Get(ROUTE_OPENAPI)
  @Public('describes the interface and nothing of its data')
  read(): Record<string, unknown> {
    return this.document;
  }
}

/** The interface, described for tools. */
@Module({ controllers: [OpenApiController] })
export class OpenApiModule {}
