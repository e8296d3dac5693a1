"""Every bound of the product in one place, unit last; settings may override each (`COOP_LIMITS__NAME=…`)."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

_MiB = 1024 * 1024
Positive = Annotated[int, Field(gt=0)]


class Limits(BaseModel):
    """The named limits. A value that reaches one is refused, with the limit's name in the reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Uploads
    upload_bytes_max: Positive = 100 * _MiB
    upload_unpacked_bytes_max: Positive = 300 * _MiB
    upload_entries_max: Positive = 200
    upload_ratio_max: Positive = 200
    upload_ratio_from_bytes: Positive = 10 * _MiB
    upload_name_bytes_max: Positive = 255
    manifest_bytes_max: Positive = 1 * _MiB
    document_bytes_max: Positive = 50 * _MiB
    request_json_bytes_max: Positive = 1 * _MiB
    import_bytes_max: Positive = 20 * _MiB
    idempotency_key_chars_max: Positive = 200

    # Reading documents
    read_seconds_max: Positive = 20
    read_cpu_seconds_max: Positive = 15
    read_memory_bytes_max: Positive = 1536 * _MiB
    read_result_bytes_max: Positive = 16 * _MiB
    read_children_count: Positive = 2
    read_documents_per_child_max: Positive = 500
    read_pages_max: Positive = 200
    read_words_per_page_max: Positive = 20_000
    read_picture_pixels_max: Positive = 40_000_000
    read_picture_frames_max: Positive = 50
    read_attachments_max: Positive = 20
    read_attachment_bytes_max: Positive = 20 * _MiB
    read_xml_bytes_max: Positive = 20 * _MiB
    read_xml_depth_max: Positive = 100
    read_xml_elements_max: Positive = 500_000
    read_mail_depth_max: Positive = 10
    read_mail_parts_max: Positive = 100
    read_inflated_bytes_max: Positive = 200 * _MiB
    render_pixels_max: Positive = 8_000_000
    # Recognition of text in pictures; 0 pages turn it off.
    read_ocr_pages_max: Annotated[int, Field(ge=0)] = 8
    read_ocr_lines_max: Positive = 400
    read_ocr_seconds_max: Positive = 120
    read_ocr_cpu_seconds_max: Positive = 100
    read_ocr_memory_bytes_max: Positive = 1536 * _MiB

    # Queues, retries and loops
    relay_batch_count: Positive = 200
    relay_poll_seconds: Annotated[float, Field(gt=0)] = 0.25
    publish_window_count: Positive = 500
    publish_confirm_seconds_max: Positive = 30
    consume_prefetch_count: Positive = 32
    handler_threads_count: Positive = 4
    handler_batch_count: Positive = 50
    delivery_count_max: Positive = 10
    retry_attempts_max: Positive = 12
    retry_delay_seconds_first: Positive = 2
    retry_delay_seconds_max: Positive = 900
    outsider_queue_messages_max: Positive = 100_000
    scheduler_poll_seconds: Annotated[float, Field(gt=0)] = 1.0
    shutdown_seconds_max: Positive = 30
    reconnect_seconds_max: Positive = 5
    heartbeat_seconds: Positive = 30
    database_busy_seconds_max: Positive = 30
    ready_seconds_max: Positive = 3
    start_seconds_max: Positive = 15
    parked_show_count_max: Positive = 1000

    # Reviewers
    checkout_seconds_max: Positive = 1800
    review_next_rows_max: Positive = 500
    picture_link_seconds_max: Positive = 900

    # Lists
    page_rows_default: Positive = 50
    page_rows_max: Positive = 200
    feed_rows_max: Positive = 1000
