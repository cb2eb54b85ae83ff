"""Generated from schemas/ppo-config.schema.json by tools/generate_validator.py."""

OPEN_BLOCKS: dict[tuple[str, ...], tuple[str, ...]] = {
    (): ('$ppodiag', 'training', 'model_dimensions', 'ppo_config', 'kl_regularization', 'statistics_stabilization', 'curriculum_learning', 'parallel_training', 'actor_critic_architecture', 'monitoring', 'advanced_optimization'),
    ('training',): ('ppo_requests', 'num_replicas', 'qps', 'bc_epochs', 'demo_steps_per_policy', 'demo_policies', 'max_steps'),
    ('model_dimensions',): ('state_dim', 'action_dim'),
    ('ppo_config',): ('lr', 'gamma', 'gae_lambda', 'clip_ratio', 'clip_range_vf', 'epochs', 'rollout_len', 'minibatch_size', 'entropy_coef', 'entropy_schedule', 'entropy_warmup_coef', 'value_coef', 'max_grad_norm', 'stabilization_steps', 'target_kl'),
    ('ppo_config', 'entropy_schedule'): ('enable', 'initial', 'final', 'decay_steps', 'decay_type'),
    ('kl_regularization',): ('target_kl', 'kl_coef', 'adaptive_kl', 'entropy_min', 'entropy_penalty_coef', 'entropy_threshold_penalty', 'kl_ref_coef_initial', 'kl_ref_coef_final', 'kl_ref_decay_steps', 'warmup_steps', 'early_stopping'),
    ('kl_regularization', 'adaptive_kl'): ('enable', 'min_target', 'max_target', 'adaptation_rate'),
    ('kl_regularization', 'entropy_threshold_penalty'): ('enable', 'threshold', 'penalty_coef'),
    ('kl_regularization', 'early_stopping'): ('enable', 'kl_threshold', 'patience_steps'),
    ('statistics_stabilization',): ('enable_statistics_stabilization', 'enable', 'stabilization_steps', 'stabilization_policy', 'stabilization_action_distribution', 'collect_baseline_stats', 'freeze_normalizers_during_stabilization', 'enable_stabilization_logging'),
    ('curriculum_learning',): ('enable', 'stages'),
    ('parallel_training',): ('enable', 'num_envs', 'env_type', 'shared_memory'),
    ('actor_critic_architecture',): ('state_dim', 'action_dim', 'shared_backbone', 'use_separate_networks', 'hidden_size', 'num_layers', 'gru_layers', 'sequence_length', 'dropout', 'num_replicas', 'enable_cross_replica_attention', 'attention_heads', 'actor', 'critic', 'cross_replica_attention', 'stabilization'),
    ('actor_critic_architecture', 'actor'): ('hidden_size', 'num_layers', 'use_gru', 'gru_layers', 'dropout'),
    ('actor_critic_architecture', 'critic'): ('hidden_size', 'num_layers', 'use_gru', 'gru_layers', 'dropout'),
    ('actor_critic_architecture', 'cross_replica_attention'): ('enable', 'feature_dim', 'num_heads', 'dropout', 'use_layer_norm'),
    ('actor_critic_architecture', 'stabilization'): ('enable_layer_normalization', 'input_normalization_momentum', 'running_mean_std_momentum', 'observation_clip', 'reward_clip', 'norm_epsilon'),
    ('monitoring',): ('tensorboard_port', 'metrics_export_format', 'metrics_export_interval', 'metrics_subsamples', 'tail_latency_tracking'),
    ('monitoring', 'tail_latency_tracking'): ('enable', 'window_size', 'alert_threshold_p99'),
}
"""Known keys of the blocks that may hold others, by path."""
