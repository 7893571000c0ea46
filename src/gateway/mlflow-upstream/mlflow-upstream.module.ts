import { Module } from '@nestjs/common';
import { MlflowUpstream } from './mlflow-upstream.js';

/** How MLflow is reached. */
@Module({ providers: [MlflowUpstream], exports: [MlflowUpstream] })
export class MlflowUpstreamModule {}
