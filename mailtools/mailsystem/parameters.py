"""Which parameters of Postfix came after 2.10, and with which version: postconf(5), "This feature is available in".

A parameter that an older Postfix does not know is a warning of postconf(1), and without effect.  Pure.
"""
import re

from mailtools.mailsystem.reading import parameters, services

SINCE = {
    (2, 11): '''lmdb_map_size lmtp_connection_reuse_count_limit lmtp_dns_support_level
        lmtp_tls_force_insecure_host_tlsa_lookup lmtp_tls_trust_anchor_file postscreen_dnsbl_whitelist_threshold
        smtp_connection_reuse_count_limit smtp_dns_support_level smtp_tls_force_insecure_host_tlsa_lookup
        smtp_tls_trust_anchor_file smtpd_sasl_service tls_dane_digest_agility tls_dane_digests
        tls_dane_trust_anchor_digest_enable tls_ssl_options tls_wildcard_matches_multiple_labels
        tlsmgr_service_name''',
    (3, 0): '''compatibility_level confirm_delay_cleared default_delivery_status_filter lmtp_address_verify_target
        lmtp_delivery_status_filter lmtp_dns_reply_filter lmtp_tls_wrappermode local_delivery_status_filter
        message_drop_headers meta_directory pipe_delivery_status_filter postscreen_dnsbl_timeout shlib_directory
        smtp_address_verify_target smtp_delivery_status_filter smtp_dns_reply_filter smtp_tls_wrappermode
        smtpd_dns_reply_filter smtpd_policy_service_default_action smtpd_policy_service_request_limit
        smtpd_policy_service_retry_delay smtpd_policy_service_try_limit smtputf8_autodetect_classes smtputf8_enable
        strict_smtputf8 tls_session_ticket_cipher virtual_alias_address_length_limit
        virtual_delivery_status_filter''',
    (3, 1): '''address_verify_pending_request_limit default_transport_rate_delay dns_ncache_ttl_fix_enable
        lmtp_fallback_relay milter_macro_defaults openssl_path postscreen_dnsbl_allowlist_threshold
        postscreen_dnsbl_max_ttl postscreen_dnsbl_min_ttl smtp_tls_dane_insecure_mx_policy
        smtpd_client_auth_rate_limit smtpd_policy_service_policy_context''',
    (3, 2): 'enable_idna2003_compatibility smtpd_milter_maps tls_eecdh_auto_curves',
    (3, 3): 'header_from_format lmtp_balance_inet_protocols smtp_balance_inet_protocols',
    (3, 4): '''lmtp_tls_chain_files lmtp_tls_connection_reuse lmtp_tls_servername maillog_file maillog_file_compressor
        maillog_file_prefixes maillog_file_rotate_suffix postlog_service_name postlogd_watchdog_timeout
        postscreen_reject_footer_maps smtp_tls_chain_files smtp_tls_connection_reuse smtp_tls_servername
        smtpd_reject_footer_maps smtpd_sasl_response_limit smtpd_tls_chain_files tls_server_sni_maps
        tlsproxy_client_CAfile tlsproxy_client_CApath tlsproxy_client_cert_file tlsproxy_client_chain_files
        tlsproxy_client_dcert_file tlsproxy_client_dkey_file tlsproxy_client_eccert_file tlsproxy_client_eckey_file
        tlsproxy_client_enforce_tls tlsproxy_client_fingerprint_digest tlsproxy_client_key_file tlsproxy_client_level
        tlsproxy_client_loglevel tlsproxy_client_loglevel_parameter tlsproxy_client_per_site tlsproxy_client_policy
        tlsproxy_client_scert_verifydepth tlsproxy_client_use_tls tlsproxy_tls_chain_files''',
    (3, 5): 'info_log_address_format',
    (3, 6): '''dnssec_probe empty_address_local_login_sender_maps_lookup_key enable_threaded_bounces known_tcp_ports
        local_login_sender_maps postscreen_allowlist_interfaces postscreen_denylist_action respectful_logging
        smtpd_relay_before_recipient_restrictions smtpd_sasl_mechanism_filter''',
    (3, 7): '''lmtp_bind_address_enforce lmtp_min_data_rate lmtp_per_request_deadline smtp_bind_address_enforce
        smtp_min_data_rate smtp_per_request_deadline smtpd_min_data_rate smtpd_per_request_deadline
        tlsproxy_client_policy_maps tlsproxy_client_security_level''',
    (3, 8): '''allow_srv_lookup_fallback ignore_srv_lookup_error smtpd_client_ipv4_prefix_length
        smtpd_client_ipv6_prefix_length tls_config_file tls_config_name tls_ffdhe_auto_groups use_srv_lookup''',
    (3, 9): '''cleanup_replace_stray_cr_lf force_mime_input_conversion smtpd_forbid_bare_newline
        smtpd_forbid_bare_newline_exclusions smtpd_forbid_bare_newline_reject_code smtpd_forbid_unauth_pipelining''',
}
VERSION_OF = {name: version for version, names in SINCE.items() for name in names.split()}


def used(main_cf, master_cf):
    """The names of parameters that the two files set."""
    names = set(parameters(main_cf))
    for service in services(master_cf).values():
        names.update(service.options)
    return names


def too_new(main_cf, master_cf, version):
    """[(name, the version that it came with)] of those that a Postfix of `version` does not know, sorted."""
    return sorted((name, VERSION_OF[name]) for name in used(main_cf, master_cf)
                  if VERSION_OF.get(name, (2, 0)) > version)


def own(main_cf, master_cf):
    """Names that the files define for their own use, as mua_client_restrictions: set in one, asked for in the other."""
    return {name for name in parameters(main_cf) if re.search(r'\$[{(]?%s\b' % re.escape(name), master_cf)}
