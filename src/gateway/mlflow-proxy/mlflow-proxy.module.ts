import { Module } from '@nestjs/common';

/** Everything between a guarded request and MLflow. */
@Module({})
export class MlflowProxyModule {}
