"""Generated from schemas/ppo-config.schema.json by tools/generate_validator.py."""


def _f2(v):
    if not (isinstance(v, str)):
        return False
    return True


def _f7(v):
    if not (isinstance(v, str)):
        return False
    if isinstance(v, str) and not (v[:1] in ('/', '') or v == '\n'):
        return False
    return True


def _f6(v):
    if not (isinstance(v, dict)):
        return False
    if 'reason' in v and not _f2(v['reason']):
        return False
    if 'until' in v and not _f2(v['until']):
        return False
    if 'at' in v and not _f7(v['at']):
        return False
    for k in v:
        if k not in ('reason', 'until', 'at', 'comment') and not k[:1] in ('_', '$'):
            return False
    return True


def _f5(v):
    if not _f6(v):
        return False
    return True


def _f8(v):
    if not (isinstance(v, list)):
        return False
    if isinstance(v, list):
        for w in v:
            if not _f5(w):
                return False
    return True


def _f4(v):
    if not (_f5(v) or _f8(v)):
        return False
    return True


def _f3(v):
    if not (isinstance(v, dict)):
        return False
    for k in v:
        if k not in ('comment',) and not k[:1] in ('_', '$') and not _f4(v[k]):
            return False
    return True


def _f1(v):
    if not (isinstance(v, dict)):
        return False
    if 'profile' in v and not _f2(v['profile']):
        return False
    if 'ignore' in v and not _f3(v['ignore']):
        return False
    for k in v:
        if k not in ('profile', 'ignore', 'comment') and not k[:1] in ('_', '$'):
            return False
    return True


def _f10(v):
    if not ((v.__class__ is int or (v.__class__ is float and v.is_integer()))):
        return False
    if v < 0:
        return False
    if v > 1000000000000000000:
        return False
    return True


def _f11(v):
    if not ((v.__class__ is int or (v.__class__ is float and v.is_integer()))):
        return False
    if v < 1:
        return False
    if v > 1000000000000000000:
        return False
    return True


def _f12(v):
    if not ((v.__class__ is float or v.__class__ is int)):
        return False
    if v > 1000000000000000000:
        return False
    if v <= 0:
        return False
    return True


def _f9(v):
    if not (isinstance(v, dict)):
        return False
    if 'ppo_requests' in v and not _f10(v['ppo_requests']):
        return False
    if 'num_replicas' in v and not _f11(v['num_replicas']):
        return False
    if 'qps' in v and not _f12(v['qps']):
        return False
    if 'bc_epochs' in v and not _f10(v['bc_epochs']):
        return False
    if 'demo_steps_per_policy' in v and not _f10(v['demo_steps_per_policy']):
        return False
    if 'demo_policies' in v and not _f2(v['demo_policies']):
        return False
    if 'max_steps' in v and not _f11(v['max_steps']):
        return False
    return True


def _f13(v):
    if not (isinstance(v, dict)):
        return False
    if 'state_dim' in v and not _f11(v['state_dim']):
        return False
    if 'action_dim' in v and not _f11(v['action_dim']):
        return False
    return True


def _f15(v):
    if not ((v.__class__ is float or v.__class__ is int)):
        return False
    if v > 1000:
        return False
    if v <= 0:
        return False
    return True


def _f16(v):
    if not ((v.__class__ is float or v.__class__ is int)):
        return False
    if v < 0:
        return False
    if v > 1:
        return False
    return True


def _f17(v):
    if not ((v.__class__ is float or v.__class__ is int) or v is None):
        return False
    if v.__class__ in (int, float) and v > 1000000000000000000:
        return False
    if v.__class__ in (int, float) and v <= 0:
        return False
    return True


def _f18(v):
    if not ((v.__class__ is float or v.__class__ is int)):
        return False
    if v < 0:
        return False
    if v > 1000000000000000000:
        return False
    return True


def _f20(v):
    if not ((v is True or v is False)):
        return False
    return True


def _f19(v):
    if not (isinstance(v, dict)):
        return False
    if 'enable' in v and not _f20(v['enable']):
        return False
    if 'initial' in v and not _f18(v['initial']):
        return False
    if 'final' in v and not _f18(v['final']):
        return False
    if 'decay_steps' in v and not _f11(v['decay_steps']):
        return False
    if 'decay_type' in v and not _f2(v['decay_type']):
        return False
    if 'adaptive_scheduling' in v and not _f20(v['adaptive_scheduling']):
        return False
    if 'entropy_coef_min' in v and not _f18(v['entropy_coef_min']):
        return False
    if 'entropy_coef_max' in v and not _f18(v['entropy_coef_max']):
        return False
    return True


def _f21(v):
    if not ((v.__class__ is float or v.__class__ is int) or v is None):
        return False
    if v.__class__ in (int, float) and v < -1000000000000000000:
        return False
    if v.__class__ in (int, float) and v > 1000000000000000000:
        return False
    return True


def _f14(v):
    if not (isinstance(v, dict)):
        return False
    if 'lr' not in v:
        return False
    if 'rollout_len' not in v:
        return False
    if 'minibatch_size' not in v:
        return False
    if 'epochs' not in v:
        return False
    if 'lr' in v and not _f15(v['lr']):
        return False
    if 'gamma' in v and not _f16(v['gamma']):
        return False
    if 'gae_lambda' in v and not _f16(v['gae_lambda']):
        return False
    if 'clip_ratio' in v and not _f12(v['clip_ratio']):
        return False
    if 'clip_range_vf' in v and not _f17(v['clip_range_vf']):
        return False
    if 'epochs' in v and not _f11(v['epochs']):
        return False
    if 'rollout_len' in v and not _f11(v['rollout_len']):
        return False
    if 'minibatch_size' in v and not _f11(v['minibatch_size']):
        return False
    if 'entropy_coef' in v and not _f18(v['entropy_coef']):
        return False
    if 'entropy_schedule' in v and not _f19(v['entropy_schedule']):
        return False
    if 'entropy_warmup_coef' in v and not _f18(v['entropy_warmup_coef']):
        return False
    if 'value_coef' in v and not _f18(v['value_coef']):
        return False
    if 'max_grad_norm' in v and not _f21(v['max_grad_norm']):
        return False
    if 'stabilization_steps' in v and not _f10(v['stabilization_steps']):
        return False
    if 'target_kl' in v and not _f17(v['target_kl']):
        return False
    return True


def _f22(v):
    if not (isinstance(v, dict)):
        return False
    return True


def _f24(v):
    if not (isinstance(v, dict)):
        return False
    if 'enable' in v and not _f20(v['enable']):
        return False
    if 'min_target' in v and not _f18(v['min_target']):
        return False
    if 'max_target' in v and not _f18(v['max_target']):
        return False
    if 'adaptation_rate' in v and not _f18(v['adaptation_rate']):
        return False
    return True


def _f25(v):
    if not ((v.__class__ is float or v.__class__ is int)):
        return False
    if v < -1000000000000000000:
        return False
    if v > 1000000000000000000:
        return False
    return True


def _f26(v):
    if not (isinstance(v, dict)):
        return False
    if 'enable' in v and not _f20(v['enable']):
        return False
    if 'threshold' in v and not _f25(v['threshold']):
        return False
    if 'penalty_coef' in v and not _f18(v['penalty_coef']):
        return False
    return True


def _f27(v):
    if not (isinstance(v, dict)):
        return False
    if 'enable' in v and not _f20(v['enable']):
        return False
    if 'kl_threshold' in v and not _f12(v['kl_threshold']):
        return False
    if 'patience_steps' in v and not _f10(v['patience_steps']):
        return False
    return True


def _f23(v):
    if not (isinstance(v, dict)):
        return False
    if 'target_kl' in v and not _f17(v['target_kl']):
        return False
    if 'kl_coef' in v and not _f18(v['kl_coef']):
        return False
    if 'adaptive_kl' in v and not _f24(v['adaptive_kl']):
        return False
    if 'entropy_min' in v and not _f25(v['entropy_min']):
        return False
    if 'entropy_penalty_coef' in v and not _f18(v['entropy_penalty_coef']):
        return False
    if 'entropy_threshold_penalty' in v and not _f26(v['entropy_threshold_penalty']):
        return False
    if 'kl_ref_coef_initial' in v and not _f18(v['kl_ref_coef_initial']):
        return False
    if 'kl_ref_coef_final' in v and not _f18(v['kl_ref_coef_final']):
        return False
    if 'kl_ref_decay_steps' in v and not _f10(v['kl_ref_decay_steps']):
        return False
    if 'warmup_steps' in v and not _f10(v['warmup_steps']):
        return False
    if 'early_stopping' in v and not _f27(v['early_stopping']):
        return False
    return True


def _f28(v):
    if not (isinstance(v, dict)):
        return False
    if 'enable_statistics_stabilization' in v and not _f20(v['enable_statistics_stabilization']):
        return False
    if 'enable' in v and not _f20(v['enable']):
        return False
    if 'stabilization_steps' in v and not _f10(v['stabilization_steps']):
        return False
    if 'stabilization_policy' in v and not _f2(v['stabilization_policy']):
        return False
    if 'stabilization_action_distribution' in v and not _f2(v['stabilization_action_distribution']):
        return False
    if 'collect_baseline_stats' in v and not _f20(v['collect_baseline_stats']):
        return False
    if 'freeze_normalizers_during_stabilization' in v and not _f20(v['freeze_normalizers_during_stabilization']):
        return False
    if 'enable_stabilization_logging' in v and not _f20(v['enable_stabilization_logging']):
        return False
    return True


def _f31(v):
    if not (isinstance(v, dict)):
        return False
    if 'duration_requests' not in v:
        return False
    if 'name' in v and not _f2(v['name']):
        return False
    if 'duration_requests' in v and not _f11(v['duration_requests']):
        return False
    if 'qps_scale' in v and not _f12(v['qps_scale']):
        return False
    if 'latency_threshold_scale' in v and not _f12(v['latency_threshold_scale']):
        return False
    if 'reward_penalty_scale' in v and not _f18(v['reward_penalty_scale']):
        return False
    return True


def _f30(v):
    if not (isinstance(v, list)):
        return False
    if isinstance(v, list):
        for w in v:
            if not _f31(w):
                return False
    return True


def _f29(v):
    if not (isinstance(v, dict)):
        return False
    if 'enable' in v and not _f20(v['enable']):
        return False
    if 'stages' in v and not _f30(v['stages']):
        return False
    return True


def _f32(v):
    if not (isinstance(v, dict)):
        return False
    if 'enable' in v and not _f20(v['enable']):
        return False
    if 'num_envs' in v and not _f11(v['num_envs']):
        return False
    if 'env_type' in v and not _f2(v['env_type']):
        return False
    if 'shared_memory' in v and not _f20(v['shared_memory']):
        return False
    return True


def _f34(v):
    if not (isinstance(v, dict)):
        return False
    if 'hidden_size' in v and not _f11(v['hidden_size']):
        return False
    if 'num_layers' in v and not _f10(v['num_layers']):
        return False
    if 'use_gru' in v and not _f20(v['use_gru']):
        return False
    if 'gru_layers' in v and not _f10(v['gru_layers']):
        return False
    if 'dropout' in v and not _f16(v['dropout']):
        return False
    if 'output_activation' in v and not _f2(v['output_activation']):
        return False
    if 'temperature_scaling' in v and not _f20(v['temperature_scaling']):
        return False
    return True


def _f35(v):
    if not (isinstance(v, dict)):
        return False
    if 'hidden_size' in v and not _f11(v['hidden_size']):
        return False
    if 'num_layers' in v and not _f10(v['num_layers']):
        return False
    if 'use_gru' in v and not _f20(v['use_gru']):
        return False
    if 'gru_layers' in v and not _f10(v['gru_layers']):
        return False
    if 'dropout' in v and not _f16(v['dropout']):
        return False
    if 'value_head_layers' in v and not _f10(v['value_head_layers']):
        return False
    if 'value_normalization' in v and not _f20(v['value_normalization']):
        return False
    return True


def _f36(v):
    if not (isinstance(v, dict)):
        return False
    if 'enable' in v and not _f20(v['enable']):
        return False
    if 'feature_dim' in v and not _f11(v['feature_dim']):
        return False
    if 'num_heads' in v and not _f11(v['num_heads']):
        return False
    if 'dropout' in v and not _f16(v['dropout']):
        return False
    if 'use_layer_norm' in v and not _f20(v['use_layer_norm']):
        return False
    return True


def _f37(v):
    if not (isinstance(v, dict)):
        return False
    if 'enable_layer_normalization' in v and not _f20(v['enable_layer_normalization']):
        return False
    if 'input_normalization_momentum' in v and not _f16(v['input_normalization_momentum']):
        return False
    if 'running_mean_std_momentum' in v and not _f16(v['running_mean_std_momentum']):
        return False
    if 'observation_clip' in v and not _f12(v['observation_clip']):
        return False
    if 'reward_clip' in v and not _f12(v['reward_clip']):
        return False
    if 'norm_epsilon' in v and not _f18(v['norm_epsilon']):
        return False
    if 'enable_hyperspherical_normalization' in v and not _f20(v['enable_hyperspherical_normalization']):
        return False
    return True


def _f38(v):
    if not (isinstance(v, dict)):
        return False
    if 'enable' in v and not _f20(v['enable']):
        return False
    if 'feature_chunks' in v and not _f11(v['feature_chunks']):
        return False
    if 'hidden_size_ratio' in v and not _f12(v['hidden_size_ratio']):
        return False
    if 'bidirectional' in v and not _f20(v['bidirectional']):
        return False
    if 'residual_connections' in v and not _f20(v['residual_connections']):
        return False
    return True


def _f33(v):
    if not (isinstance(v, dict)):
        return False
    if 'state_dim' in v and not _f11(v['state_dim']):
        return False
    if 'action_dim' in v and not _f11(v['action_dim']):
        return False
    if 'shared_backbone' in v and not _f20(v['shared_backbone']):
        return False
    if 'use_separate_networks' in v and not _f20(v['use_separate_networks']):
        return False
    if 'hidden_size' in v and not _f11(v['hidden_size']):
        return False
    if 'num_layers' in v and not _f10(v['num_layers']):
        return False
    if 'gru_layers' in v and not _f10(v['gru_layers']):
        return False
    if 'sequence_length' in v and not _f11(v['sequence_length']):
        return False
    if 'dropout' in v and not _f16(v['dropout']):
        return False
    if 'num_replicas' in v and not _f11(v['num_replicas']):
        return False
    if 'enable_cross_replica_attention' in v and not _f20(v['enable_cross_replica_attention']):
        return False
    if 'attention_heads' in v and not _f11(v['attention_heads']):
        return False
    if 'actor' in v and not _f34(v['actor']):
        return False
    if 'critic' in v and not _f35(v['critic']):
        return False
    if 'cross_replica_attention' in v and not _f36(v['cross_replica_attention']):
        return False
    if 'stabilization' in v and not _f37(v['stabilization']):
        return False
    if 'use_stabilized_gru' in v and not _f20(v['use_stabilized_gru']):
        return False
    if 'temporal_lstm' in v and not _f38(v['temporal_lstm']):
        return False
    return True


def _f40(v):
    if not ((v.__class__ is int or (v.__class__ is float and v.is_integer()))):
        return False
    if v < 1:
        return False
    if v > 65535:
        return False
    return True


def _f43(v):
    if not ((v.__class__ is float or v.__class__ is int)):
        return False
    if v < 0:
        return False
    if v > 100:
        return False
    return True


def _f42(v):
    if not (isinstance(v, list)):
        return False
    if isinstance(v, list):
        for w in v:
            if not _f43(w):
                return False
    return True


def _f41(v):
    if not (isinstance(v, dict)):
        return False
    if 'enable' in v and not _f20(v['enable']):
        return False
    if 'window_size' in v and not _f11(v['window_size']):
        return False
    if 'alert_threshold_p99' in v and not _f18(v['alert_threshold_p99']):
        return False
    if 'percentiles' in v and not _f42(v['percentiles']):
        return False
    return True


def _f44(v):
    if not (isinstance(v, dict)):
        return False
    if 'enable' in v and not _f20(v['enable']):
        return False
    if 'max_latency_cutoff' in v and not _f12(v['max_latency_cutoff']):
        return False
    if 'episode_failure_penalty' in v and not _f25(v['episode_failure_penalty']):
        return False
    if 'queue_length_limit' in v and not _f11(v['queue_length_limit']):
        return False
    return True


def _f45(v):
    if not (isinstance(v, dict)):
        return False
    return True


def _f39(v):
    if not (isinstance(v, dict)):
        return False
    if 'tensorboard_port' in v and not _f40(v['tensorboard_port']):
        return False
    if 'metrics_export_format' in v and not _f2(v['metrics_export_format']):
        return False
    if 'metrics_export_interval' in v and not _f11(v['metrics_export_interval']):
        return False
    if 'metrics_subsamples' in v and not _f11(v['metrics_subsamples']):
        return False
    if 'tail_latency_tracking' in v and not _f41(v['tail_latency_tracking']):
        return False
    if 'safety_monitoring' in v and not _f44(v['safety_monitoring']):
        return False
    if 'advanced_metrics' in v and not _f45(v['advanced_metrics']):
        return False
    if 'visualization' in v and not _f45(v['visualization']):
        return False
    return True


def _f48(v):
    if not (isinstance(v, str)):
        return False
    if v not in ('cosine_annealing_with_warmup', 'linear', 'constant'):
        return False
    return True


def _f47(v):
    if not (isinstance(v, dict)):
        return False
    if 'type' not in v:
        return False
    if 'type' in v and not _f48(v['type']):
        return False
    if 'warmup_steps' in v and not _f10(v['warmup_steps']):
        return False
    if 'min_lr_ratio' in v and not _f25(v['min_lr_ratio']):
        return False
    if 'restart_period' in v and not _f11(v['restart_period']):
        return False
    for k in v:
        if k not in ('type', 'warmup_steps', 'min_lr_ratio', 'restart_period', 'comment') and not k[:1] in ('_', '$'):
            return False
    return True


def _f50(v):
    if not ((v.__class__ is int or (v.__class__ is float and v.is_integer()))):
        return False
    if v < -1000000000000000000:
        return False
    if v > 1000000000000000000:
        return False
    return True


def _f52(v):
    if v is not True:
        return False
    return True


def _f51(v):
    if isinstance(v, dict):
        if 'enable' not in v:
            return False
        if 'enable' in v and not _f52(v['enable']):
            return False
    return True


def _f53(v):
    if isinstance(v, dict):
        if 'min_batch_size' not in v:
            return False
        if 'max_batch_size' not in v:
            return False
        if 'adaptation_rate' not in v:
            return False
    return True


def _f49(v):
    if not (isinstance(v, dict)):
        return False
    if 'enable' in v and not _f20(v['enable']):
        return False
    if 'min_batch_size' in v and not _f50(v['min_batch_size']):
        return False
    if 'max_batch_size' in v and not _f50(v['max_batch_size']):
        return False
    if 'adaptation_rate' in v and not _f25(v['adaptation_rate']):
        return False
    for k in v:
        if k not in ('enable', 'min_batch_size', 'max_batch_size', 'adaptation_rate', 'comment') and not k[:1] in ('_', '$'):
            return False
    if _f51(v) and not _f53(v):
        return False
    return True


def _f54(v):
    if not (isinstance(v, dict)):
        return False
    if 'use_gradient_checkpointing' in v and not _f20(v['use_gradient_checkpointing']):
        return False
    if 'accumulation_steps' in v and not _f25(v['accumulation_steps']):
        return False
    if 'clip_by_global_norm' in v and not _f20(v['clip_by_global_norm']):
        return False
    for k in v:
        if k not in ('use_gradient_checkpointing', 'accumulation_steps', 'clip_by_global_norm', 'comment') and not k[:1] in ('_', '$'):
            return False
    return True


def _f46(v):
    if not (isinstance(v, dict)):
        return False
    if 'learning_rate_schedule' in v and not _f47(v['learning_rate_schedule']):
        return False
    if 'adaptive_batch_size' in v and not _f49(v['adaptive_batch_size']):
        return False
    if 'gradient_optimization' in v and not _f54(v['gradient_optimization']):
        return False
    for k in v:
        if k not in ('learning_rate_schedule', 'adaptive_batch_size', 'gradient_optimization', 'comment') and not k[:1] in ('_', '$'):
            return False
    return True


def _f0(v):
    if not (isinstance(v, dict)):
        return False
    if 'ppo_config' not in v:
        return False
    if '$ppodiag' in v and not _f1(v['$ppodiag']):
        return False
    if 'training' in v and not _f9(v['training']):
        return False
    if 'model_dimensions' in v and not _f13(v['model_dimensions']):
        return False
    if 'ppo_config' in v and not _f14(v['ppo_config']):
        return False
    if 'reward_config' in v and not _f22(v['reward_config']):
        return False
    if 'kl_regularization' in v and not _f23(v['kl_regularization']):
        return False
    if 'statistics_stabilization' in v and not _f28(v['statistics_stabilization']):
        return False
    if 'curriculum_learning' in v and not _f29(v['curriculum_learning']):
        return False
    if 'parallel_training' in v and not _f32(v['parallel_training']):
        return False
    if 'actor_critic_architecture' in v and not _f33(v['actor_critic_architecture']):
        return False
    if 'monitoring' in v and not _f39(v['monitoring']):
        return False
    if 'advanced_optimization' in v and not _f46(v['advanced_optimization']):
        return False
    return True


def accept(value: object) -> bool:
    """Whether the schema holds for a JSON value."""
    return _f0(value)  # type: ignore[no-any-return, no-untyped-call]
