import { applyDecorators, UseGuards } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { readForm } from '../../../platform/browser/form-body.js';
import { contextOf } from '../../../platform/request/request-context.js';
import { Public } from '../../../platform/route-access/public.decorator.js';
import type { Actor } from '../../audit/audit-writer.js';
import { ConsoleGuard, OwnPages } from './console.guard.js';

/** In a form, grants of the largest size can take three times their bytes. */
const MAX_FORM_BYTES = 128 * 1024;

/** A controller of pages for those who are signed in. */
export function ConsolePages(): ClassDecorator {
  return applyDecorators(
    UseGuards(OwnPages, ConsoleGuard),
    Public('ConsoleGuard asks for the session of an administrator'),
  );
}

export function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  return readForm(request, MAX_FORM_BYTES);
}

export function queryOf(request: IncomingMessage): URLSearchParams {
  return new URLSearchParams(contextOf(request).target.rawQuery);
}

/** What was filled in, without the blanks around it. */
export function given(form: URLSearchParams): Record<string, string | undefined> {
  const filled: Record<string, string> = {};
  for (const [name, text] of form) if (text.trim() !== '') filled[name] = text.trim();
  return filled;
}

/** The administrator's name as pages show it. */
export function nameOf({ name }: Actor): string {
  return name.replace(/^admin:/, '');
}
