"""Every bound of the product in one place, unit last; settings may override each (`COOP_LIMITS__NAME=…`)."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

_MiB = 1024 * 1024
Positive = Annotated[int, Field(gt=0)]


class Limits(BaseModel):
    """The named limits. A value that reaches one is refused, with the limit's name in the reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Uploads
    upload_bytes_max: Positive = Field(default=100 * _MiB, description="one upload as it is sent")
    upload_unpacked_bytes_max: Positive = Field(
        default=300 * _MiB, description="all files of a bundle, unpacked"
    )
    upload_entries_max: Positive = Field(default=200, description="files in a bundle")
    upload_ratio_max: Positive = Field(
        default=200, description="unpacked to packed size of one file in a zip"
    )
    upload_ratio_from_bytes: Positive = Field(
        default=10 * _MiB, description="smaller files are not held to the ratio"
    )
    upload_name_bytes_max: Positive = Field(default=255, description="the name of a file in a bundle")
    manifest_bytes_max: Positive = Field(default=1 * _MiB, description="claim.json")
    document_bytes_max: Positive = Field(default=50 * _MiB, description="one document of a bundle")
    request_json_bytes_max: Positive = Field(default=1 * _MiB, description="a JSON body")
    import_bytes_max: Positive = Field(default=20 * _MiB, description="an imported CSV file")
    idempotency_key_chars_max: Positive = Field(default=200, description="an Idempotency-Key")

    # Reading documents
    read_seconds_max: Positive = Field(default=20, description="reading one document, by the clock")
    read_cpu_seconds_max: Positive = Field(default=15, description="reading one document, processor time")
    read_memory_bytes_max: Positive = Field(
        default=1536 * _MiB, description="memory that reading one document may add"
    )
    read_result_bytes_max: Positive = Field(default=16 * _MiB, description="what was read from one document")
    read_children_count: Positive = Field(default=2, description="processes that read documents, per worker")
    read_documents_per_child_max: Positive = Field(
        default=500, description="documents until a reading process is replaced"
    )
    read_pages_max: Positive = Field(default=200, description="pages read of one document")
    read_words_per_page_max: Positive = Field(default=20_000, description="words read of one page")
    read_picture_pixels_max: Positive = Field(default=40_000_000, description="pixels of a picture")
    read_picture_frames_max: Positive = Field(default=50, description="frames of a moving picture")
    read_attachments_max: Positive = Field(default=20, description="attachments of a PDF or e-mail")
    read_attachment_bytes_max: Positive = Field(default=20 * _MiB, description="one attachment")
    read_xml_bytes_max: Positive = Field(default=20 * _MiB, description="an XML document")
    read_xml_depth_max: Positive = Field(default=100, description="nested elements of an XML document")
    read_xml_elements_max: Positive = Field(default=500_000, description="elements of an XML document")
    read_mail_depth_max: Positive = Field(default=10, description="nested parts of an e-mail")
    read_mail_parts_max: Positive = Field(default=100, description="parts of an e-mail")
    read_inflated_bytes_max: Positive = Field(
        default=200 * _MiB, description="all streams of a PDF, unpacked"
    )
    render_pixels_max: Positive = Field(default=8_000_000, description="the picture that is made of a page")
    # Recognition of text in pictures; 0 pages turn it off.
    read_ocr_pages_max: Annotated[int, Field(ge=0)] = Field(
        default=8,
        description="pages of one document on which text in pictures is recognized; 0 turns recognition off",
    )
    read_ocr_lines_max: Positive = Field(default=400, description="lines recognized on one page")
    read_ocr_seconds_max: Positive = Field(
        default=120, description="recognizing text in one document, by the clock"
    )
    read_ocr_cpu_seconds_max: Positive = Field(
        default=100, description="recognizing text in one document, processor time"
    )
    read_ocr_memory_bytes_max: Positive = Field(
        default=1536 * _MiB, description="memory that recognizing text in one document may add"
    )

    # Queues, retries and loops
    relay_batch_count: Positive = Field(default=200, description="outbox rows that a relay publishes at once")
    relay_poll_seconds: Annotated[float, Field(gt=0)] = Field(
        default=0.25, description="how long a relay waits when nothing was due and no hint comes"
    )
    publish_window_count: Positive = Field(
        default=500, description="messages in flight that the broker has not confirmed"
    )
    publish_confirm_seconds_max: Positive = Field(
        default=30, description="waiting for a confirm; without one the message is sent again"
    )
    consume_prefetch_count: Positive = Field(
        default=32, description="messages that a worker holds unacknowledged, after its first good one"
    )
    handler_threads_count: Positive = Field(default=4, description="batches that a worker handles at once")
    handler_batch_count: Positive = Field(
        default=50, description="messages that are handled in one transaction"
    )
    delivery_count_max: Positive = Field(
        default=10, description="deliveries of one message (a worker died over it) before the broker parks it"
    )
    retry_attempts_max: Positive = Field(
        default=12, description="attempts at an event that fails for a passing reason, before it is parked"
    )
    retry_delay_seconds_first: Positive = Field(
        default=2, description="wait before the second attempt; it doubles with each"
    )
    retry_delay_seconds_max: Positive = Field(default=900, description="longest wait between two attempts")
    outsider_queue_messages_max: Positive = Field(
        default=100_000, description="messages in an opt-in queue; the oldest is dropped"
    )
    scheduler_poll_seconds: Annotated[float, Field(gt=0)] = Field(
        default=1.0, description="how often the scheduler asks what is due"
    )
    shutdown_seconds_max: Positive = Field(default=30, description="finishing what is in hand after SIGTERM")
    reconnect_seconds_max: Positive = Field(
        default=5, description="longest wait between two attempts to reach the broker"
    )
    heartbeat_seconds: Positive = Field(default=30, description="heartbeat of connections to the broker")
    database_busy_seconds_max: Positive = Field(default=30, description="waiting for SQLite's one writer")
    ready_seconds_max: Positive = Field(default=3, description="a dependency's answer to a readiness check")
    start_seconds_max: Positive = Field(
        default=15, description="reaching the broker at start, before the worker gives up with a sentence"
    )
    parked_show_count_max: Positive = Field(default=1000, description="parked events that one listing shows")

    # Reviewers
    checkout_seconds_max: Positive = Field(
        default=1800, description="how long a claim stays on a reviewer's desk"
    )
    review_next_rows_max: Positive = Field(
        default=500, description="claims looked at to find the next for a reviewer"
    )
    picture_link_seconds_max: Positive = Field(default=900, description="life of a link to a page picture")

    # Lists
    page_rows_default: Positive = Field(default=50, description="rows of a page of a list, unless asked")
    page_rows_max: Positive = Field(default=200, description="rows of a page of a list")
    feed_rows_max: Positive = Field(default=1000, description="events of one page of the feed")
