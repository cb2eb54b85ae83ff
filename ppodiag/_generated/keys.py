"""Generated from schemas/ppo-config.schema.json by tools/generate_validator.py."""

OPEN_BLOCKS: dict[tuple[str, ...], dict[str, str]] = {
    (): {'$ppodiag': 'object', 'training': 'object', 'model_dimensions': 'object', 'ppo_config': 'object', 'reward_config': 'object', 'kl_regularization': 'object', 'statistics_stabilization': 'object', 'curriculum_learning': 'object', 'parallel_training': 'object', 'actor_critic_architecture': 'object', 'monitoring': 'object', 'advanced_optimization': 'object'},
    ('training',): {'ppo_requests': 'value', 'num_replicas': 'value', 'qps': 'value', 'bc_epochs': 'value', 'demo_steps_per_policy': 'value', 'demo_policies': 'value', 'max_steps': 'value'},
    ('model_dimensions',): {'state_dim': 'value', 'action_dim': 'value'},
    ('ppo_config',): {'lr': 'value', 'gamma': 'value', 'gae_lambda': 'value', 'clip_ratio': 'value', 'clip_range_vf': 'value', 'epochs': 'value', 'rollout_len': 'value', 'minibatch_size': 'value', 'entropy_coef': 'value', 'entropy_schedule': 'object', 'entropy_warmup_coef': 'value', 'value_coef': 'value', 'max_grad_norm': 'value', 'stabilization_steps': 'value', 'target_kl': 'value'},
    ('ppo_config', 'entropy_schedule'): {'enable': 'value', 'initial': 'value', 'final': 'value', 'decay_steps': 'value', 'decay_type': 'value', 'adaptive_scheduling': 'value', 'entropy_coef_min': 'value', 'entropy_coef_max': 'value'},
    ('reward_config',): {'reward_scaling': 'any'},
    ('kl_regularization',): {'target_kl': 'value', 'kl_coef': 'value', 'adaptive_kl': 'object', 'entropy_min': 'value', 'entropy_penalty_coef': 'value', 'entropy_threshold_penalty': 'object', 'kl_ref_coef_initial': 'value', 'kl_ref_coef_final': 'value', 'kl_ref_decay_steps': 'value', 'warmup_steps': 'value', 'early_stopping': 'object'},
    ('kl_regularization', 'adaptive_kl'): {'enable': 'value', 'min_target': 'value', 'max_target': 'value', 'adaptation_rate': 'value'},
    ('kl_regularization', 'entropy_threshold_penalty'): {'enable': 'value', 'threshold': 'value', 'penalty_coef': 'value'},
    ('kl_regularization', 'early_stopping'): {'enable': 'value', 'kl_threshold': 'value', 'patience_steps': 'value'},
    ('statistics_stabilization',): {'enable_statistics_stabilization': 'value', 'enable': 'value', 'stabilization_steps': 'value', 'stabilization_policy': 'value', 'stabilization_action_distribution': 'value', 'collect_baseline_stats': 'value', 'freeze_normalizers_during_stabilization': 'value', 'enable_stabilization_logging': 'value'},
    ('curriculum_learning',): {'enable': 'value', 'stages': 'array'},
    ('parallel_training',): {'enable': 'value', 'num_envs': 'value', 'env_type': 'value', 'shared_memory': 'value'},
    ('actor_critic_architecture',): {'state_dim': 'value', 'action_dim': 'value', 'shared_backbone': 'value', 'use_separate_networks': 'value', 'hidden_size': 'value', 'num_layers': 'value', 'gru_layers': 'value', 'sequence_length': 'value', 'dropout': 'value', 'num_replicas': 'value', 'enable_cross_replica_attention': 'value', 'attention_heads': 'value', 'actor': 'object', 'critic': 'object', 'cross_replica_attention': 'object', 'stabilization': 'object', 'use_stabilized_gru': 'value', 'temporal_lstm': 'object'},
    ('actor_critic_architecture', 'actor'): {'hidden_size': 'value', 'num_layers': 'value', 'use_gru': 'value', 'gru_layers': 'value', 'dropout': 'value', 'output_activation': 'value', 'temperature_scaling': 'value'},
    ('actor_critic_architecture', 'critic'): {'hidden_size': 'value', 'num_layers': 'value', 'use_gru': 'value', 'gru_layers': 'value', 'dropout': 'value', 'value_head_layers': 'value', 'value_normalization': 'value'},
    ('actor_critic_architecture', 'cross_replica_attention'): {'enable': 'value', 'feature_dim': 'value', 'num_heads': 'value', 'dropout': 'value', 'use_layer_norm': 'value'},
    ('actor_critic_architecture', 'stabilization'): {'enable_layer_normalization': 'value', 'input_normalization_momentum': 'value', 'running_mean_std_momentum': 'value', 'observation_clip': 'value', 'reward_clip': 'value', 'norm_epsilon': 'value', 'enable_hyperspherical_normalization': 'value'},
    ('actor_critic_architecture', 'temporal_lstm'): {'enable': 'value', 'feature_chunks': 'value', 'hidden_size_ratio': 'value', 'bidirectional': 'value', 'residual_connections': 'value'},
    ('monitoring',): {'tensorboard_port': 'value', 'metrics_export_format': 'value', 'metrics_export_interval': 'value', 'metrics_subsamples': 'value', 'tail_latency_tracking': 'object', 'safety_monitoring': 'object', 'advanced_metrics': 'object', 'visualization': 'object'},
    ('monitoring', 'tail_latency_tracking'): {'enable': 'value', 'window_size': 'value', 'alert_threshold_p99': 'value', 'percentiles': 'array'},
    ('monitoring', 'safety_monitoring'): {'enable': 'value', 'max_latency_cutoff': 'value', 'episode_failure_penalty': 'value', 'queue_length_limit': 'value'},
}
"""Known keys of the blocks that may hold others, each with its shape, by path."""

OPEN_ITEMS: dict[tuple[str, ...], dict[str, str]] = {
    ('curriculum_learning', 'stages'): {'name': 'value', 'duration_requests': 'value', 'qps_scale': 'value', 'latency_threshold_scale': 'value', 'reward_penalty_scale': 'value'},
}
"""The same for blocks that are the items of an array, by the path of the array."""
