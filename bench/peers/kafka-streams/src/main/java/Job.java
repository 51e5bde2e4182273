import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** The job in Kafka Streams: a processor with a store of tickets, and windows by its DSL. */
public final class Job {
  static final ObjectMapper JSON = new ObjectMapper();
  static final Duration LATENESS = Duration.ofDays(1);

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static final class Event {
    public String type;
    public String time;
    public String subject;
    public Data data;
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static final class Data {
    public String channel;
    public String priority;
    public String agent_id;
    public String author;
  }

  public static final class Ticket {
    public long created;
    public String channel;
    public String priority;
    public long firstReply;
    public long resolved;
    public int replies;
    public String agent;
  }

  /** Of one ticket: how long it took, by metric, channel and priority. */
  public static final class Observation {
    public String series;
    public long duration;
  }

  public static final class Sum {
    public long count;
    public long total;

    Sum add(Observation observation) {
      count += 1;
      total += observation.duration;
      return this;
    }
  }

  static final class Fold implements Processor<String, Event, String, Observation> {
    private ProcessorContext<String, Observation> context;
    private KeyValueStore<String, Ticket> tickets;

    @Override
    public void init(ProcessorContext<String, Observation> context) {
      this.context = context;
      this.tickets = context.getStateStore("tickets");
    }

    @Override
    public void process(Record<String, Event> record) {
      Event event = record.value();
      long time = Instant.parse(event.time).toEpochMilli();
      Ticket ticket = tickets.get(record.key());
      if (ticket == null) {
        ticket = new Ticket();
      }
      switch (event.type) {
        case "ticket.created" -> {
          ticket.created = time;
          ticket.channel = event.data.channel;
          ticket.priority = event.data.priority;
        }
        case "ticket.replied" -> {
          ticket.replies += 1;
          ticket.agent = event.data.agent_id;
          if (ticket.firstReply == 0 && "agent".equals(event.data.author)) {
            ticket.firstReply = time;
            observe("first_response", ticket, time);
          }
        }
        case "ticket.resolved" -> {
          ticket.resolved = time;
          observe("resolution", ticket, time);
        }
        default -> {}
      }
      tickets.put(record.key(), ticket);
    }

    private void observe(String metric, Ticket ticket, long time) {
      Observation observation = new Observation();
      observation.series = metric + "|" + ticket.channel + "|" + ticket.priority;
      observation.duration = time - ticket.created;
      context.forward(new Record<>(observation.series, observation, time));
    }
  }

  static <T> Serde<T> serde(Class<T> type) {
    Serializer<T> serializer = (topic, value) -> {
      try {
        return value == null ? null : JSON.writeValueAsBytes(value);
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
    };
    Deserializer<T> deserializer = (topic, bytes) -> {
      try {
        return bytes == null ? null : JSON.readValue(bytes, type);
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
    };
    return Serdes.serdeFrom(serializer, deserializer);
  }

  public static void main(String[] arguments) {
    String name = System.getenv("PEER_NAME");
    StreamsBuilder builder = new StreamsBuilder();
    builder.addStateStore(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore("tickets"), Serdes.String(), serde(Ticket.class))
            .withCachingEnabled());
    builder
        .stream(System.getenv("PEER_INPUT"), Consumed.with(Serdes.String(), serde(Event.class)))
        .process(Fold::new, "tickets")
        .groupByKey(Grouped.with("series", Serdes.String(), serde(Observation.class)))
        .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), LATENESS))
        .aggregate(
            Sum::new,
            (series, observation, sum) -> sum.add(observation),
            Materialized.with(Serdes.String(), serde(Sum.class)))
        .toStream()
        .map((window, sum) ->
            KeyValue.pair(
                window.key() + "|" + window.window().start(), "[" + sum.count + "," + sum.total + "]"))
        .to(System.getenv("PEER_OUTPUT"), Produced.with(Serdes.String(), Serdes.String()));

    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, name);
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, System.getenv("PEER_BROKER"));
    settings.put(StreamsConfig.STATE_DIR_CONFIG, System.getenv("PEER_DIRECTORY"));
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1000);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, arguments[0]);
    settings.put("auto.offset.reset", "earliest");
    KafkaStreams streams = new KafkaStreams(builder.build(settings), settings);
    streams.setUncaughtExceptionHandler(error -> {
      error.printStackTrace();
      return org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler
          .StreamThreadExceptionResponse.SHUTDOWN_APPLICATION;
    });
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
  }
}
